import { Notifications } from '@mantine/notifications'
import '@mantine/notifications/styles.layer.css'

/** Where notices show. Loaded after the page, for nobody waits for it. */
export default function Notices() {
  return <Notifications position="bottom-right" autoClose={8_000} containerWidth={380} />
}
