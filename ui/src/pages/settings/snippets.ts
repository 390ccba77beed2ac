// The shortest programs that send one message through this server's rules.

interface Language {
  id: string;
  label: string;
  install: string;
  program: (address: string) => string;
}

/** The address that SDKs dial: the one that served this page, with its port. */
export function serverAddress({ hostname, port, protocol }: Pick<Location, "hostname" | "port" | "protocol">): string {
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

export const snippets: readonly Language[] = [
  { id: "go", label: "Go", install: "go get github.com/streamdal/streamdal/sdks/go", program: go },
  { id: "node", label: "Node", install: "npm install @streamdal/node-sdk", program: node },
  { id: "python", label: "Python", install: "python -m pip install streamdal", program: python },
  { id: "ruby", label: "Ruby", install: "gem install streamdal", program: ruby },
];

function go(address: string): string {
  return `client, err := streamdal.New(&streamdal.Config{
	ServerURL:   "${address}",
	ServerToken: os.Getenv("STREAMDAL_TOKEN"),
	ServiceName: "billing",
})
if err != nil {
	log.Fatal(err)
}
result := client.Process(ctx, &streamdal.ProcessRequest{
	ComponentName: "kafka",
	OperationType: streamdal.OperationTypeConsumer,
	OperationName: "new-order",
	Data:          message,
})
message = result.Data`;
}

function node(address: string): string {
  return `import { OperationType, registerStreamdal } from "@streamdal/node-sdk";

const streamdal = await registerStreamdal({
  streamdalUrl: "${address}",
  streamdalToken: process.env.STREAMDAL_TOKEN,
  serviceName: "billing",
});
const result = await streamdal.process({
  audience: {
    serviceName: "billing",
    componentName: "kafka",
    operationType: OperationType.CONSUMER,
    operationName: "new-order",
  },
  data: message,
});
message = result.data;`;
}

function python(address: string): string {
  return `import os
from streamdal import OPERATION_TYPE_CONSUMER, ProcessRequest, StreamdalClient, StreamdalConfig

client = StreamdalClient(cfg=StreamdalConfig(
    streamdal_url="${address}",
    streamdal_token=os.environ["STREAMDAL_TOKEN"],
    service_name="billing",
))
result = client.process(ProcessRequest(
    component_name="kafka",
    operation_type=OPERATION_TYPE_CONSUMER,
    operation_name="new-order",
    data=message,
))
message = result.data`;
}

function ruby(address: string): string {
  return `require "logger"
require "streamdal"

client = Streamdal::Client.new({
  streamdal_url: "${address}",
  streamdal_token: ENV["STREAMDAL_TOKEN"],
  service_name: "billing",
  log: Logger.new($stdout),
})
audience = Streamdal::Audience.new(Streamdal::OPERATION_TYPE_CONSUMER, "new-order", "kafka")
result = client.process(message, audience)
message = result.data`;
}
