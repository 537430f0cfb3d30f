/** Files that the stories attach: pictures that are made here, so that none has to be kept. */
import { deflateSync } from 'node:zlib';

const CRC = Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});

function crc(bytes) {
  let value = ~0;
  for (const byte of bytes) value = CRC[(value ^ byte) & 255] ^ (value >>> 8);
  return ~value >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8 + body.length);
  frame.writeUInt32BE(data.length);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc(body), 4 + body.length);
  return frame;
}

/** A PNG of one colour that fades to another from corner to corner. */
export function png(width, height, from = [180, 64, 12], to = [250, 220, 120]) {
  const line = 1 + width * 3;
  const raw = Buffer.alloc(line * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const part = (x / width + y / height) / 2;
      for (let n = 0; n < 3; n++) raw[y * line + 1 + x * 3 + n] = from[n] + (to[n] - from[n]) * part;
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(raw)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

export const picture = (name, ...rest) => ({ name, mimeType: 'image/png', buffer: png(...rest) });
export const text = (name, words) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(words) });
