// Random messages, the same for the same seed.
import { RepeatType, ScalarType } from "@protobuf-ts/runtime";

// mulberry32: small, and good enough to spread test data.
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const strings = ["", "a", "service-1", "äöü €", "😀 \u2028\u2029", "\u0000\u0001\"\\", "x".repeat(300), "null"];
const int64s = ["0", "1", "-1", "9223372036854775807", "-9223372036854775808", "1712345678901234567"];
const int32s = [0, 1, -1, 2147483647, -2147483648, 70000];
const uint32s = [0, 1, 4294967295, 70000];
const doubles = [0, 1, -1.5, 0.1, 1e300, -1e-300, 2 ** 53, Infinity, -Infinity];
const enumStrangers = [987654, -1, 2147483647]; // open enums: unknown numbers survive

class Random {
  constructor(seed) {
    this.seed = seed;
    this.next = generator(seed);
  }
  chance(p) { return this.next() < p; }
  pick(list) { return list[Math.floor(this.next() * list.length)]; }
  below(n) { return Math.floor(this.next() * n); }

  scalar(T) {
    switch (T) {
      case ScalarType.STRING: return this.pick(strings);
      case ScalarType.BOOL: return this.chance(0.5);
      case ScalarType.DOUBLE: return this.pick(doubles);
      case ScalarType.INT32: return this.pick(int32s);
      case ScalarType.UINT32: return this.pick(uint32s);
      case ScalarType.INT64: return this.pick(int64s);
      case ScalarType.BYTES: return Uint8Array.from({ length: this.below(40) }, () => this.below(256));
      default: throw new Error(`no random value for scalar ${ScalarType[T]}`);
    }
  }

  enum(T) {
    const known = Object.values(T()[1]).filter((v) => typeof v === "number");
    return this.chance(0.2) ? this.pick(enumStrangers) : this.pick(known);
  }

  value(kind, T, depth) {
    switch (kind) {
      case "scalar": return this.scalar(T);
      case "enum": return this.enum(T);
      default: return this.message(T(), depth + 1);
    }
  }

  field(f, depth) {
    if (f.kind === "map") {
      const map = {};
      for (let n = this.below(4); n > 0; n--) map[this.scalar(f.K)] = this.value(f.V.kind, f.V.T, depth);
      return map;
    }
    if (f.repeat !== RepeatType.NO) return Array.from({ length: this.below(4) }, () => this.value(f.kind, f.T, depth));
    return this.value(f.kind, f.T, depth);
  }

  // Seeds take the members of a top-level oneof in turns, and then none, so that
  // each is tried.
  draws(f, type, depth) {
    if (!f.oneof || depth > 0) return depth <= 6 && this.chance(0.7 / (1 + depth / 2));
    const members = type.fields.filter((other) => other.oneof === f.oneof);
    return members[this.seed % (members.length + 1)] === f;
  }

  message(type, depth) {
    const message = type.create();
    for (const f of type.fields) {
      if (!this.draws(f, type, depth)) continue;
      const value = this.field(f, depth);
      if (f.oneof) message[f.oneof] = { oneofKind: f.localName, [f.localName]: value };
      else message[f.localName] = value;
    }
    return message;
  }
}

export const randomMessage = (type, seed) => new Random(seed).message(type, 0);
