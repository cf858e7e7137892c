import { ActionIcon, type MantineColorScheme, Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { CheckIcon, MoonIcon, ScreenIcon, SunIcon } from './icons.tsx'

const SCHEMES: { value: MantineColorScheme; label: string; Icon: typeof SunIcon }[] = [
  { value: 'auto', label: 'System', Icon: ScreenIcon },
  { value: 'light', label: 'Light', Icon: SunIcon },
  { value: 'dark', label: 'Dark', Icon: MoonIcon },
]

export function ThemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const ShownIcon = useComputedColorScheme('light') === 'dark' ? MoonIcon : SunIcon
  return (
    <Menu position="bottom-end" offset={10} width={160}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={38}
          c="var(--m-muted)"
          aria-label="Light or dark"
          title="Light or dark"
          data-testid="theme"
        >
          <ShownIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {SCHEMES.map(({ value, label, Icon }) => (
          <Menu.Item
            key={value}
            role="menuitemradio"
            aria-checked={value === colorScheme}
            leftSection={<Icon size={18} />}
            rightSection={value === colorScheme ? <CheckIcon size={16} /> : undefined}
            onClick={() => setColorScheme(value)}
            data-testid={`theme-${value}`}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
