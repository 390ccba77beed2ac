"""Answers the requests of a plan with wasmtime, as the Python SDK calls modules.

For each request it prints the SHA-256 of what the module asked its host and answered.

    python run.py DIRECTORY      (which has plan.json and the files it names)
"""
import base64
import hashlib
import json
import pathlib
import sys

from wasmtime import Engine, Func, FuncType, Instance, Module, Store, Trap, ValType

directory = pathlib.Path(sys.argv[1])
plan = json.loads((directory / "plan.json").read_text())
engine = Engine()
host_call = FuncType([ValType.i32(), ValType.i32()], [ValType.i64()])


class Loaded:
    """An instance of a module, and the hash of what it asked and answered."""

    def __init__(self, wasm):
        self.store = Store(engine)
        module = Module(engine, wasm)
        hosts = [Func(self.store, host_call, self.host(plan[i.name])) for i in module.imports]
        self.exports = Instance(self.store, module, hosts).exports(self.store)
        self.memory = self.exports["memory"]

    def place(self, data):
        at = self.exports["alloc"](self.store, len(data))
        self.memory.write(self.store, data, at)
        return at

    def host(self, answer):
        answer = base64.b64decode(answer)

        def call(at, size):
            self.hash.update(self.memory.read(self.store, at, at + size))
            return self.place(answer) << 32 | len(answer)

        return call

    def digest(self, request):
        self.hash = hashlib.sha256()
        packed = self.exports["f"](self.store, self.place(request), len(request))
        at, size = packed >> 32, packed & 0xFFFFFFFF
        self.hash.update(self.memory.read(self.store, at, at + size))
        self.exports["dealloc"](self.store, size, size)  # the SDK passes the packed value, which is cut to the length
        return self.hash.hexdigest()


for run in plan["runs"]:
    loaded = Loaded((directory / run["module"]).read_bytes())
    for name in run["requests"]:
        try:
            print(loaded.digest((directory / name).read_bytes()))
        except Trap as e:
            print("trap:", str(e).splitlines()[0])
