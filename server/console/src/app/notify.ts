/** Tells the person that something they asked for failed. The notices' code is loaded with the first of them. */
export async function notifyFailure(title: string, message: string): Promise<void> {
  const { notifications } = await import('@mantine/notifications')
  notifications.show({ color: 'red', title, message, withBorder: true })
}
