const NEWLINE = 0x0a;

/**
 * The lines of a stream of bytes, each decoded whole, so that a character split over two chunks survives. What follows
 * the last newline was cut off, and is dropped.
 */
export async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = Buffer.concat([...rest, chunk.subarray(start, end)]).toString("utf8");
      rest = [];
      start = end + 1;
      if (line.trim() !== "") yield line;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
}
