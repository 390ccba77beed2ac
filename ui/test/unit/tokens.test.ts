import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

import { TokenSchema } from "../../src/gen/streamdal/console/v1/token_pb";
import { blank, commandOf, nameOf, requestOf, stateOf, whoOf } from "../../src/pages/tokens/tokens";

const wish = { ...blank, role: "sdk", service: " billing ", name: " it's for Ada ", hours: "24" };

describe("a token to issue", () => {
  it("expires hours from now, or never", () => {
    expect(requestOf(wish, 1_500).expiresUnix).toBe(86_401n);
    expect(requestOf({ ...wish, hours: "" }, 1_500).expiresUnix).toBe(0n);
  });

  it("is for a service only when it is an SDK's", () => {
    expect(requestOf(wish, 0)).toMatchObject({ role: "sdk", service: "billing", name: "it's for Ada" });
    expect(requestOf({ ...wish, role: "viewer" }, 0).service).toBe("");
  });

  it("has a command line that a shell reads as meant", () => {
    expect(commandOf(wish)).toBe("streamdal-server token --role sdk --service billing --expires 24h --name 'it'\\''s for Ada'");
    expect(commandOf({ ...blank, role: "viewer", service: "billing", hours: "" })).toBe("streamdal-server token --role viewer");
    expect(commandOf({ ...blank, service: "$(reboot)" })).toContain("--service '$(reboot)'");
  });
});

describe("a known token", () => {
  const issued = create(TokenSchema, { id: "a", role: "viewer", name: "Ada", issuedUnix: 1n, expiresUnix: 10n, issuedBy: "root" });
  it("works until it expires or is revoked", () => {
    expect(stateOf(issued, 9_999)).toBe("works");
    expect(stateOf(issued, 10_000)).toBe("expired");
    expect(stateOf({ ...issued, revokedUnix: 5n }, 6_000)).toBe("revoked");
    expect(stateOf({ ...issued, expiresUnix: 0n }, 1e15)).toBe("works");
  });

  it("has a name, even when nobody gave it one", () => {
    expect(nameOf(issued)).toBe("Ada");
    expect(nameOf({ ...issued, name: "" })).toBe("unnamed a");
    expect(nameOf(create(TokenSchema, { id: "b", revokedUnix: 1n }))).toBe("b of the command line");
  });

  it("says who issued it", () => {
    expect(whoOf("root", [issued])).toBe("the root token");
    expect(whoOf("a", [issued])).toBe("Ada");
    expect(whoOf("gone", [issued])).toBe("gone");
  });
});
