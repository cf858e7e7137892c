import { Notifications } from '@mantine/notifications'
import '@mantine/notifications/styles.layer.css'

/** Where notices show: below the header, never over the composer. Loaded after the page, for nobody waits for it. */
export default function Notices() {
  return <Notifications position="top-right" mt={56} autoClose={8_000} containerWidth={380} />
}
