export function BellMark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#2c3e4e" />
      <path
        d="M16 5a2 2 0 0 1 2 2v.6c3.7.9 6 3.9 6 8.2v4.4l2 2.8v1H6v-1l2-2.8v-4.4c0-4.3 2.3-7.3 6-8.2V7a2 2 0 0 1 2-2z"
        fill="#f2c14e"
      />
      <circle cx="16" cy="26" r="2" fill="#f2c14e" />
    </svg>
  );
}
