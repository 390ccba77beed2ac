// The shortest programs that send messages through this server's rules; docs/connect.md has the same (a test compares).

interface Sdk {
  id: string;
  label: string;
  install: string;
  program: (address: string) => string;
}

/** The address that SDKs dial: the one that served this page, with its port. */
export function serverAddress({ hostname, port, protocol }: Pick<Location, "hostname" | "port" | "protocol">): string {
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

export const sdks: readonly Sdk[] = [
  { id: "go", label: "Go", install: "go get github.com/streamdal/streamdal/sdks/go", program: go },
  { id: "node", label: "Node", install: "npm install @streamdal/node-sdk", program: node },
  { id: "python", label: "Python", install: "python -m pip install streamdal", program: python },
  { id: "ruby", label: "Ruby", install: "gem install streamdal", program: ruby },
];

function go(address: string): string {
  return `package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	streamdal "github.com/streamdal/streamdal/sdks/go"
)

func main() {
	client, err := streamdal.New(&streamdal.Config{
		ServerURL:   "${address}",
		ServerToken: os.Getenv("STREAMDAL_TOKEN"),
		ServiceName: "billing",
	})
	if err != nil {
		log.Fatal(err)
	}
	if client == nil {
		log.Fatal("set STREAMDAL_TOKEN")
	}
	for range time.Tick(time.Second) {
		result := client.Process(context.Background(), &streamdal.ProcessRequest{
			ComponentName: "kafka",
			OperationType: streamdal.OperationTypeConsumer,
			OperationName: "new-order",
			Data:          []byte(\`{"customer": {"email": "ann@example.com"}}\`),
		})
		fmt.Println(string(result.Data))
	}
}`;
}

function node(address: string): string {
  return `import { OperationType, registerStreamdal } from "@streamdal/node-sdk";

const streamdal = await registerStreamdal({
  streamdalUrl: "${address}",
  streamdalToken: process.env.STREAMDAL_TOKEN,
  serviceName: "billing",
});
const audience = {
  serviceName: "billing",
  componentName: "kafka",
  operationType: OperationType.CONSUMER,
  operationName: "new-order",
};
setInterval(async () => {
  const data = new TextEncoder().encode('{"customer": {"email": "ann@example.com"}}');
  const result = await streamdal.process({ audience, data });
  console.log(new TextDecoder().decode(result.data));
}, 1000);`;
}

function python(address: string): string {
  return `import os
import time

from streamdal import OPERATION_TYPE_CONSUMER, ProcessRequest, StreamdalClient, StreamdalConfig

client = StreamdalClient(cfg=StreamdalConfig(
    streamdal_url="${address}",
    streamdal_token=os.environ["STREAMDAL_TOKEN"],
    service_name="billing",
))
while True:
    result = client.process(ProcessRequest(
        component_name="kafka",
        operation_type=OPERATION_TYPE_CONSUMER,
        operation_name="new-order",
        data=b'{"customer": {"email": "ann@example.com"}}',
    ))
    print(result.data.decode())
    time.sleep(1)`;
}

function ruby(address: string): string {
  return `require "logger"
require "streamdal"

client = Streamdal::Client.new({
  streamdal_url: "${address}",
  streamdal_token: ENV.fetch("STREAMDAL_TOKEN"),
  service_name: "billing",
  log: Logger.new($stdout, level: Logger::INFO)
})
audience = Streamdal::Audience.new(Streamdal::OPERATION_TYPE_CONSUMER, "new-order", "kafka")
loop do
  result = client.process('{"customer": {"email": "ann@example.com"}}', audience)
  puts result.data
  sleep 1
end`;
}
