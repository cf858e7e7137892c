/** What a budget does when it is used up. */
export const STOPS = [
  { value: 'stop', label: 'nothing more is held' },
  { value: 'warn', label: 'it only warns' },
]
