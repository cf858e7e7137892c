import type { ReactNode } from 'react'

export interface IconProps {
  size?: number
  className?: string | undefined
}

/** Line icons on a 24 grid. They say nothing to screen readers; the text beside them or the button's label does. */
function icon(name: string, drawing: ReactNode) {
  const Icon = ({ size = 20, className }: IconProps) => (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      className={className}
    >
      {drawing}
    </svg>
  )
  Icon.displayName = `${name}Icon`
  return Icon
}

export const ChatIcon = icon(
  'Chat',
  <path d="M20 11.5a7.5 7.5 0 0 1-7.5 7.5c-1.3 0-2.5-.3-3.6-.9L4 19.5l1.4-4.6A7.5 7.5 0 1 1 20 11.5Z" />,
)
export const KeyIcon = icon(
  'Key',
  <>
    <circle cx="8" cy="14.5" r="4" />
    <path d="m11 11.7 7.5-7.2M15 7.8l2.8 2.8" />
  </>,
)
export const HookIcon = icon(
  'Hook',
  <>
    <path d="M12 3v8.5M8.5 8l3.5 3.5L15.5 8" />
    <path d="M5 14v4.5h14V14" />
  </>,
)
export const ScaleIcon = icon(
  'Scale',
  <>
    <path d="M12 4v16M8 20h8M5 7h14" />
    <path d="M5 7l-2.5 6a2.6 2.6 0 0 0 5 0L5 7ZM19 7l-2.5 6a2.6 2.6 0 0 0 5 0L19 7Z" />
  </>,
)
export const RunsIcon = icon(
  'Runs',
  <>
    <path d="M4.5 5.5v6l5-3-5-3Z" />
    <path d="M13 7h7M13 12h7M5 17h15" />
  </>,
)
export const BackIcon = icon('Back', <path d="M19 12H5.5M11.5 6l-6 6 6 6" />)
export const SunIcon = icon(
  'Sun',
  <>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1" />
  </>,
)
export const MoonIcon = icon('Moon', <path d="M20 14.2A8.2 8.2 0 0 1 9.8 4 8.2 8.2 0 1 0 20 14.2Z" />)
export const ScreenIcon = icon(
  'Screen',
  <>
    <rect x="3.5" y="5" width="17" height="11.5" rx="2" />
    <path d="M9 20h6M12 16.5V20" />
  </>,
)
export const MenuIcon = icon('Menu', <path d="M4 7h16M4 12h16M4 17h16" />)
export const PersonIcon = icon(
  'Person',
  <>
    <circle cx="12" cy="8.2" r="3.7" />
    <path d="M4.8 19.5c1-3.3 3.8-5 7.2-5s6.2 1.7 7.2 5" />
  </>,
)
export const TeamIcon = icon(
  'Team',
  <>
    <circle cx="9" cy="8.5" r="3.2" />
    <path d="M3 18.5c.7-2.9 3-4.5 6-4.5s5.3 1.6 6 4.5M15.5 5.6a3.2 3.2 0 0 1 0 5.8M17.5 14.3c1.8.6 3 2 3.5 4.2" />
  </>,
)
export const CheckIcon = icon('Check', <path d="m5 12.5 4.5 4.5L19 7.5" />)
export const CrossIcon = icon('Cross', <path d="m6.5 6.5 11 11M17.5 6.5l-11 11" />)
export const ChevronIcon = icon('Chevron', <path d="m7 10 5 5 5-5" />)
export const SignOutIcon = icon(
  'SignOut',
  <path d="M14 4.5H7A2.5 2.5 0 0 0 4.5 7v10A2.5 2.5 0 0 0 7 19.5h7M10.5 12H20M17 8.8l3.2 3.2-3.2 3.2" />,
)
export const AttachIcon = icon(
  'Attach',
  <path d="m19.5 11.5-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5L13 5a3.1 3.1 0 0 1 4.4 4.4l-7.6 7.6a1.5 1.5 0 0 1-2.2-2.2l6.9-6.9" />,
)
export const SendIcon = icon('Send', <path d="M12 19V5.5M6 11.2l6-6 6 6" />)
export const FileIcon = icon(
  'File',
  <path d="M13.5 3.5H7.5a2 2 0 0 0-2 2v13a2 2 0 0 0 2 2h9a2 2 0 0 0 2-2v-10l-5-5Zm0 0v5h5" />,
)
export const DownloadIcon = icon('Download', <path d="M12 4.5V15M7.5 10.8 12 15.3l4.5-4.5M5 19.5h14" />)
export const CopyIcon = icon(
  'Copy',
  <>
    <rect x="8.5" y="8.5" width="11" height="11" rx="2" />
    <path d="M15.5 8.5v-2a2 2 0 0 0-2-2h-7a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h2" />
  </>,
)
export const AlertIcon = icon('Alert', <path d="M12 8.5v4.2M12 16.2v.1M12 3.8 21 19.5H3L12 3.8Z" />)
export const RetryIcon = icon('Retry', <path d="M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4.5V9H15" />)
export const OutIcon = icon(
  'Out',
  <path d="M10 6H6.5A1.5 1.5 0 0 0 5 7.5v10A1.5 1.5 0 0 0 6.5 19h10a1.5 1.5 0 0 0 1.5-1.5V14M13.5 5H19v5.5M19 5l-8 8" />,
)
export const DownIcon = icon('Down', <path d="M12 5v13.5M6 12.8l6 6 6-6" />)
export const SkipIcon = icon('Skip', <path d="M7 12h10" />)
export const StopIcon = icon('Stop', <rect x="7.5" y="7.5" width="9" height="9" rx="1.5" fill="currentColor" />)
export const PauseIcon = icon('Pause', <path d="M9.5 7.5v9M14.5 7.5v9" />)
export const DotIcon = icon('Dot', <circle cx="12" cy="12" r="3.2" />)
