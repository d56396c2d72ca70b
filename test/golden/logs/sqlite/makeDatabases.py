"""Makes the databases of this folder, by SQLite itself: python3 makeDatabases.py

wal.db, wal.db-wal          copied while the writer was at it: steps 1 to 8 in the database, 9 to 12 in its log, and
                            behind them pages of a transaction that was never committed
restarted.db, ...-wal       the same database a little later: all of the log was brought into the database, and the log
                            began anew with steps 13 and 14
journal.db, ...-journal     copied in the middle of a transaction that had overwritten pages of steps 1 to 8 already
"""

import json
import shutil
import sqlite3
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
TABLE = (
    "CREATE TABLE metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, timestamp TEXT NOT NULL,"
    " run_name TEXT NOT NULL, step INTEGER NOT NULL, metrics TEXT NOT NULL)"
)
INSERT = "INSERT INTO metrics (run_id, timestamp, run_name, step, metrics) VALUES ('r1', ?, 'owl', ?, ?)"


def write(connection, steps, pad=0):
    for step in steps:
        cells = {"zooms": step / 4, "pad": "x" * pad}
        connection.execute(INSERT, (f"2026-03-02T19:05:{step % 60:02d}.500000+00:00", step, json.dumps(cells).encode()))


def opened(path, mode):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA page_size = 512")
    connection.execute(f"PRAGMA journal_mode = {mode}")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    return connection


def copy(path, name):
    for ending in ("", "-wal", "-journal"):
        beside = Path(f"{path}{ending}")
        if beside.exists():
            shutil.copyfile(beside, HERE / f"{name}{ending}")


with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "a.db")
    connection = opened(path, "WAL")
    connection.execute(TABLE)
    write(connection, range(1, 9))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for step in range(9, 13):
        write(connection, [step])
    connection.execute("PRAGMA cache_size = 4")
    connection.execute("BEGIN")
    write(connection, range(100, 130), 200)
    copy(path, "wal.db")
    connection.execute("ROLLBACK")
    connection.execute("PRAGMA wal_checkpoint(RESTART)")
    write(connection, [13, 14])
    copy(path, "restarted.db")
    connection.close()

    path = Path(folder, "b.db")
    connection = opened(path, "DELETE")
    connection.execute(TABLE)
    write(connection, range(1, 9), 100)
    connection.execute("PRAGMA cache_size = 2")
    connection.execute("BEGIN")
    connection.execute("UPDATE metrics SET step = step + 1000, metrics = '{\"zooms\": 99}'")
    write(connection, range(100, 140), 200)
    copy(path, "journal.db")
    connection.execute("ROLLBACK")
    connection.close()
