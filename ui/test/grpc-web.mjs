// Calls over grpc-web with a page's cookie, without the Console's own code.

/** The answer to a message; both without their frames. */
export async function call(page, method, message = new Uint8Array()) {
  const framed = [0, ...lengthOf(message), ...message];
  const answer = await page.evaluate(
    async ({ method, framed }) => {
      const headers = { "Content-Type": "application/grpc-web+proto", "X-Grpc-Web": "1" };
      const response = await fetch(`/${method}`, { method: "POST", headers, body: new Uint8Array(framed) });
      const bytes = [...new Uint8Array(await response.arrayBuffer())];
      return { status: response.status, grpc: response.headers.get("grpc-status"), bytes };
    },
    { method, framed },
  );
  if (answer.status !== 200) throw new Error(`${method}: HTTP ${answer.status}`);
  if (answer.grpc !== null && answer.grpc !== "0") throw new Error(`${method}: gRPC status ${answer.grpc}`);
  const bytes = Uint8Array.from(answer.bytes);
  // A frame is a flag byte, a length of four bytes, and a message.
  if (bytes[0] !== 0) throw new Error(`${method}: no message`);
  return bytes.subarray(5, 5 + new DataView(bytes.buffer).getUint32(1));
}

function lengthOf({ length }) {
  return [24, 16, 8, 0].map((bits) => (length >>> bits) & 0xff);
}
