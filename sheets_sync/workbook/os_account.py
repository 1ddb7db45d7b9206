"""Who runs this program, as the operating system knows them."""

import os


def os_account() -> str:
    """The name of the account that runs this; empty where the system does not know it.

    Not what the environment says, which anybody can set before they call us.
    """
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"
    except ImportError:  # Windows has no such list
        try:
            return os.getlogin()
        except OSError:
            return ""
