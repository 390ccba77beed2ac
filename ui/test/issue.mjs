// Issues a token as the page does, with a lifetime that its form does not offer.
export function issue(page, role, seconds) {
  return page.evaluate(
    async ([role, seconds]) => {
      const varint = (n) => (n < 0x80n ? [Number(n)] : [Number(n & 0x7fn) | 0x80, ...varint(n >> 7n)]);
      const text = new TextEncoder().encode(role);
      const expires = BigInt(Math.floor(Date.now() / 1_000) + seconds);
      const message = [0x0a, text.length, ...text, 0x20, ...varint(expires)];
      const answer = await fetch("/streamdal.console.v1.Tokens/Issue", {
        method: "POST",
        headers: { "Content-Type": "application/grpc-web+proto", "X-Grpc-Web": "1" },
        body: new Uint8Array([0, 0, 0, 0, message.length, ...message]),
      });
      const said = new TextDecoder().decode(await answer.arrayBuffer());
      const token = /sds_[\w-]+/.exec(said);
      if (!token) throw new Error(`no token was issued: ${said}`);
      return token[0];
    },
    [role, seconds],
  );
}
