import { Ago } from "../../parts/Ago";
import { bytes } from "../../parts/text";
import sheet from "../../parts/sheet.module.css";
import css from "./kv.module.css";
import type { Item } from "./store";
import { show, suits } from "./view";

// More of a value does not fit in a row.
const glimpse = 120;

export function ItemTable({ items, onChoose }: { items: Item[] | undefined; onChoose: (key: string) => void }) {
  return (
    <table className={sheet.table} aria-busy={items === undefined}>
      <thead>
        <tr>
          <th scope="col">Key</th>
          <th scope="col">Value</th>
          <th scope="col" className={sheet.number}>
            Size
          </th>
          <th scope="col" className={sheet.number}>
            Changed
          </th>
        </tr>
      </thead>
      <tbody>
        {items?.map((item) => (
          <tr key={item.key}>
            <td className={sheet.cell}>
              <button type="button" className={css.key} onClick={() => onChoose(item.key)}>
                {item.key}
              </button>
            </td>
            <td className={`${sheet.cell} mono`}>{begin(item.value)}</td>
            <td className={sheet.number}>{bytes(item.value.length)}</td>
            <td className={sheet.number}>{item.changed > 0 && <Ago at={item.changed} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function begin(value: Uint8Array): string {
  const view = suits(value) === "hex" ? "hex" : "text";
  const part = view === "hex" ? value.subarray(0, glimpse) : value;
  return (show(part, view) ?? "").slice(0, glimpse);
}
