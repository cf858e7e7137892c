import {
  type CSSVariablesResolver,
  createTheme,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
} from '@mantine/core'

/** The one accent. Shade 7 carries white text at 5.8:1. */
const petrol: MantineColorsTuple = [
  '#ecf7f8',
  '#d6ecef',
  '#abd8df',
  '#7cc3ce',
  '#57b0bf',
  '#3c9fb0',
  '#23889a',
  '#14707f',
  '#0e5a67',
  '#0a4752',
]

const stone: MantineColorsTuple = [
  '#f8f7f5',
  '#f2f1ee',
  '#e8e6e2',
  '#dcd9d4',
  '#c5c1ba',
  '#a09b93',
  '#7c7770',
  '#5c5852',
  '#3b3834',
  '#24211e',
]

const night: MantineColorsTuple = [
  '#d8dadd',
  '#b6babf',
  '#9aa0a7',
  '#757b83',
  '#40464c',
  '#30353a',
  '#25292d',
  '#1b1e21',
  '#141618',
  '#0e1011',
]

const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 7 },
  colors: { petrol, gray: stone, dark: night },
  black: '#1f2224',
  fontFamily: font,
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontFamily: font, fontWeight: '650', textWrap: 'balance' },
  fontSizes: { md: '0.9375rem' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
})

/** Mantine's own grey for secondary text is too pale to be read by everybody (3.3:1); these reach 4.5:1. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#625e58',
    '--mantine-color-placeholder': '#706b64',
    '--mantine-color-error': '#b3261e',
  },
  dark: {
    '--mantine-color-body': '#1b1e21',
    '--mantine-color-dimmed': '#a3a9b0',
    '--mantine-color-placeholder': '#949aa2',
    '--mantine-color-error': '#ff9b92',
  },
})

/** Where the choice is kept; public/theme.js reads the same key before the first paint. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: 'muster-theme' })

/** The nonce of this page for style elements made at run time; the server puts it into index.html. */
export const styleNonce = (): string => document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
