// External.UpdatePipeline over grpc-web with the page's cookie, as another program would call it.
import { BinaryWriter } from "@bufbuild/protobuf/wire";

/** Saves a pipeline given as JSON, whatever others have in their editors. */
export async function update(page, pipeline) {
  const message = new BinaryWriter().tag(2, 2).string(JSON.stringify(pipeline)).finish();
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, 5);
  const answer = await page.evaluate(async (bytes) => {
    const headers = { "Content-Type": "application/grpc-web+proto", "X-Grpc-Web": "1" };
    const response = await fetch("/protos.External/UpdatePipeline", { method: "POST", headers, body: Uint8Array.from(bytes) });
    return { status: response.status, grpc: response.headers.get("grpc-status"), text: await response.text() };
  }, [...frame]);
  if (answer.status !== 200 || (answer.grpc ?? "0") !== "0" || !/grpc-status: ?0/i.test(answer.text)) {
    throw new Error(`UpdatePipeline: HTTP ${answer.status}, ${answer.text}`);
  }
}
