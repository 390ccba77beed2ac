import type { ButtonHTMLAttributes, ReactNode } from "react";

import css from "./button.module.css";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: "plain" | "primary" | "danger" | "quiet";
  wide?: boolean;
}

export function Button({ kind = "plain", wide = false, className, type = "button", ...rest }: ButtonProps) {
  const classes = [css.button, css[kind], wide && css.wide, className].filter(Boolean).join(" ");
  return <button type={type} className={classes} {...rest} />;
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "aria-label" | "title"> {
  /** Its name for everyone: shown as a tip and read aloud. */
  label: string;
  children: ReactNode;
}

export function IconButton({ label, className, type = "button", ...rest }: IconButtonProps) {
  return (
    <button type={type} className={[css.icon, className].filter(Boolean).join(" ")} aria-label={label} title={label} {...rest} />
  );
}
