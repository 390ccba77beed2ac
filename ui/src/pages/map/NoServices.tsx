import { Empty } from "../../parts/Empty";
import { Snippet } from "../../parts/Snippet";

/** What to do while no SDK has ever connected. */
export function NoServices() {
  return (
    <Empty title="No services defined yet">
      <p>
        A service appears here a moment after its SDK connects. In a Go program, install the SDK and send it your
        messages; it needs this server's address and token:
      </p>
      <Snippet label="Install the SDK" text="go get github.com/streamdal/streamdal/sdks/go" />
      <Snippet label="Go program" text={goProgram(serverAddress())} />
      <p>
        Every SDK also reads <code>STREAMDAL_URL</code>, <code>STREAMDAL_TOKEN</code> and{" "}
        <code>STREAMDAL_SERVICE_NAME</code> from its environment.
      </p>
    </Empty>
  );
}

/** The address that SDKs dial: the one that served this page, with its port. */
function serverAddress(): string {
  const { hostname, port, protocol } = location;
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

function goProgram(address: string): string {
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
