import { Places } from "./places";

/** Where things are in this browser. */
export const places = new Places(localStorage);
