import { InWords } from "../InWords";
import css from "./templates.module.css";
import { groups, type Template, templates } from "./templates";

/** The templates as cards: what each is for and what its steps do. */
export function TemplateCards({ onChoose }: { onChoose: (template: Template) => void }) {
  return groups.map((group) => (
    <section key={group} className={css.group} aria-label={group}>
      <h3>{group}</h3>
      <ul className={css.cards}>
        {templates
          .filter((template) => template.group === group)
          .map((template) => (
            <li key={template.id} className={css.card}>
              <button type="button" onClick={() => onChoose(template)}>
                {template.title}
              </button>
              <p>{template.explanation}</p>
              <InWords steps={template.pipeline.steps} />
            </li>
          ))}
      </ul>
    </section>
  ));
}
