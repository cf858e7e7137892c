import { Drawer } from '@mantine/core'
import '@mantine/core/styles/Drawer.layer.css'
import { NavLinks } from './nav.tsx'

/** The navigation on phones. In a file of its own, which only phones load. */
export default function NavDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      size={280}
      title={<b>Muster</b>}
      closeButtonProps={{ 'aria-label': 'Close the menu' }}
      data-testid="nav-drawer"
    >
      <nav aria-label="Pages">
        <NavLinks onFollow={onClose} />
      </nav>
    </Drawer>
  )
}
