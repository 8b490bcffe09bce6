# Writes a file of a format, about LEN bytes long: structured.py png|zip|sqlite LEN PATH
import os
import sqlite3
import struct
import sys
import zipfile
import zlib

kind, length, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]

if kind == 'png':
    def chunk(name, body):
        return struct.pack('>I', len(body)) + name + body + struct.pack('>I', zlib.crc32(name + body))
    size = 8192
    with open(path, 'wb') as file:
        file.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 1024, 1024, 8, 2, 0, 0, 0)))
        for _ in range(length // (size + 12)):
            file.write(chunk(b'IDAT', bytes(size)))
        file.write(chunk(b'IEND', b''))
elif kind == 'zip':
    # Names that are not ASCII are marked as UTF-8: JavaScript does not know IBM437.
    size = 10_000
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_STORED) as archive:
        for number in range(length // size):
            archive.writestr(zipfile.ZipInfo('\u00fc/%06d' % number), b'%06d' % number + bytes(size - 6))
else:
    os.remove(path)
    base = sqlite3.connect(path)
    base.execute('create table t (id integer primary key, name text, body blob)')
    base.executemany('insert into t values (?, ?, ?)', ((it, 'row %d' % it, bytes(200)) for it in range(length // 230)))
    base.commit()
    base.close()
