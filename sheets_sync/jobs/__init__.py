"""Runs as durable jobs: accepted once, done exactly once, never forgotten; on SQLite, or on PostgreSQL for several
machines. Needs the extra `service`.
"""
