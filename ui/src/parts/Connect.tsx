import { useSearchParams } from "wouter";

import { sdks, serverAddress } from "./sdks";
import sheet from "./sheet.module.css";
import { Snippet } from "./Snippet";
import { Tabs } from "./Tabs";

/** How a program of each language connects to this server; which language is in the address. */
export function Connect() {
  const [params, setParams] = useSearchParams();
  const address = serverAddress(location);
  const choose = (sdk: string) =>
    setParams(
      (now) => {
        now.set("sdk", sdk);
        return now;
      },
      { replace: true },
    );
  return (
    <>
      <p className={sheet.note}>
        This server is at <code>{address}</code>. Its token goes into <code>STREAMDAL_TOKEN</code>. The Go, Node and Python SDKs
        also read <code>STREAMDAL_URL</code> and <code>STREAMDAL_SERVICE_NAME</code>; Ruby&apos;s reads none of them by itself.
      </p>
      <div className={sheet.tabs}>
        <Tabs
          label="Language"
          current={params.get("sdk") ?? "go"}
          onChange={choose}
          tabs={sdks.map(({ id, label, install, program }) => ({
            id,
            label,
            body: () => (
              <div className={sheet.section}>
                <Snippet label={`Install the ${label} SDK`} text={install} />
                <Snippet label={`${label} program`} text={program(address)} />
              </div>
            ),
          }))}
        />
      </div>
    </>
  );
}
