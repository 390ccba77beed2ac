export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <g fill="none" stroke="var(--on-accent)" strokeWidth="3" strokeLinecap="round">
        <path d="M7 11c5-4 8 4 13 0l5-1" />
        <path d="M7 17c5-4 8 4 13 0l5-1" opacity=".75" />
        <path d="M7 23c5-4 8 4 13 0l5-1" opacity=".5" />
      </g>
    </svg>
  );
}
