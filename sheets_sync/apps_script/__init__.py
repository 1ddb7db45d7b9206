"""The menu and sidebar that people see in their Google Sheet: an Apps Script, and what puts it there.

`script/` holds it as plain JavaScript, HTML and a manifest. There is no build: what is pasted are those files, one
behind the other, below one table of names that comes from `config`.
"""
