// Server-sent events from the body of an answer to a POST, which the browser's own EventSource cannot read.

/** Yield each event of `body`, a stream of bytes, as { event, data }. Comments and events without data are passed over. */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let event = "message";
  let data = [];
  try {
    for await (const line of lines(reader)) {
      if (line === "") {
        if (data.length) yield { event, data: data.join("\n") };
        [event, data] = ["message", []];
        continue;
      }
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
      if (field === "event") event = value;
      else if (field === "data") data.push(value);
    }
  } finally {
    reader.cancel().catch(() => {}); // whoever stops listening lets the connection go
  }
}

/** Yield the lines of what `reader` gives; a line may end by CR, LF or both, and its end may be cut between two chunks. */
async function* lines(reader) {
  let pending = []; // chunks of a line whose end has not come: joined once, however long the line is
  let afterReturn = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return; // a line without its end is no whole line
    const chunk = afterReturn && value.startsWith("\n") ? value.slice(1) : value;
    if (value) afterReturn = value.endsWith("\r");
    let from = 0;
    for (const match of chunk.matchAll(/\r\n|\r|\n/g)) {
      pending.push(chunk.slice(from, match.index));
      yield pending.join("");
      pending = [];
      from = match.index + match[0].length;
    }
    if (from < chunk.length) pending.push(chunk.slice(from));
  }
}
