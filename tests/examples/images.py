# SPDX-License-Identifier: LGPL-2.1-or-later
"""Images for tests, made and read without anything but Python."""

import base64
import struct
import zlib

# 64 x 32, the left half red, the right half blue
JPEG = base64.b64decode('''
/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZG
NywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09P
T09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAgAEADASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAA
AAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAk
M2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKT
lJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QA
HwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdh
cRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hp
anN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk
5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDFooorzj7IKKKKAMqiiiv0M+FCiiigDVooor88PugooooAyqKK
K/Qz4UKKKKAP/9k=''')


def rotated_jpeg(orientation):
    """JPEG, with an EXIF block that says how the camera was held."""
    entry = struct.pack('>HHIHH', 0x0112, 3, 1, orientation, 0)
    tiff = b'MM\0*' + struct.pack('>IH', 8, 1) + entry + bytes(4)
    exif = b'Exif\0\0' + tiff
    return JPEG[:2] + b'\xff\xe1' + struct.pack('>H', len(exif) + 2) + exif + JPEG[2:]


def png(width, height, colour):
    """One colour: (red, green, blue), or with an alpha as the fourth."""
    def chunk(name, data):
        return (struct.pack('>I', len(data)) + name + data +
                struct.pack('>I', zlib.crc32(name + data)))

    row = b'\0' + bytes(colour) * width
    kind = 6 if len(colour) == 4 else 2
    return (b'\x89PNG\r\n\x1a\n' +
            chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, kind, 0, 0, 0)) +
            chunk(b'IDAT', zlib.compress(row * height, 1)) + chunk(b'IEND', b''))


def paeth(a, b, c):
    p = a + b - c
    near = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))
    return near[2]


def unfilter(kind, line, above):
    for i, value in enumerate(line):
        left = line[i - 3] if i >= 3 else 0
        corner = above[i - 3] if i >= 3 else 0
        guess = (0, left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner))
        line[i] = (value + guess[kind]) & 255


class Picture:
    """What a PNG of 8-bit RGB shows."""

    def __init__(self, data):
        assert data[:8] == b'\x89PNG\r\n\x1a\n', 'not a PNG'
        pos, packed, ended = 8, b'', False
        while pos < len(data):
            size, name = struct.unpack('>I4s', data[pos:pos + 8])
            body = data[pos + 8:pos + 8 + size]
            if name == b'IHDR':
                self.width, self.height, depth, kind = struct.unpack('>IIBB', body[:10])
                assert (depth, kind) == (8, 2), 'not 8-bit RGB'
            packed += body if name == b'IDAT' else b''
            ended |= name == b'IEND'
            pos += size + 12
        assert ended, 'has no end'
        raw, stride = zlib.decompress(packed), self.width * 3
        self.rows = [bytearray(stride)]
        for y in range(self.height):
            start = y * (stride + 1)
            line = bytearray(raw[start + 1:start + 1 + stride])
            unfilter(raw[start], line, self.rows[-1])
            self.rows.append(line)
        del self.rows[0]

    def at(self, x, y):
        return tuple(self.rows[y][3 * x:3 * x + 3])

    def is_near(self, x, y, colour):
        return all(abs(a - b) < 30 for a, b in zip(self.at(x, y), colour))
