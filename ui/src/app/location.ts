import type { BaseLocationHook } from "wouter";
import { useBrowserLocation, useSearch } from "wouter/use-browser-location";

/**
 * The address as it is written. The router decodes it once before anything reads it, so that a key with a per cent
 * sign would be decoded twice.
 */
export const useExactLocation: BaseLocationHook = () => {
  const [path, navigate] = useBrowserLocation();
  return [exact(path), navigate];
};

export const useExactSearch = () => exact(useSearch());

function exact(address: string): string {
  return address.replaceAll("%", "%25");
}
