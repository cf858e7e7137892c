import { describe, expect, it } from 'vitest'
import { typeOf } from '#bots/email/read.ts'

describe('what a file is', () => {
  it.each([
    // As Windows and older programs say it.
    ['application/x-zip-compressed', 'notes.zip', 'application/zip'],
    ['application/vnd.ms-excel', 'people.csv', 'text/csv'],
    ['text/x-markdown', 'page.md', 'text/markdown'],
    ['application/x-patch', 'history.patch', 'text/x-patch'],
    ['application/octet-stream', 'git.log', 'text/plain'],
    ['image/pjpeg', 'photo.JPG', 'image/jpeg'],
    // Text is text, whatever somebody calls it.
    ['application/x-msdownload', 'history.patch', 'text/x-patch'],
    // A type that is taken stands, whatever the name.
    ['text/plain', 'history.patch', 'text/plain'],
    // What is no text and is called a program stays one, and so does what is named like one.
    ['application/x-msdownload', 'report.pdf', 'application/x-msdownload'],
    ['application/x-msdownload', 'setup.exe', 'application/x-msdownload'],
    ['application/octet-stream', 'setup.exe', 'application/octet-stream'],
    ['application/x-zip-compressed', 'setup.exe', 'application/x-zip-compressed'],
    ['text/javascript', 'run.js', 'text/javascript'],
    ['image/svg+xml', 'drawing.png', 'image/svg+xml'],
    ['application/vnd.ms-excel', 'people.xls', 'application/vnd.ms-excel'],
    ['application/x-thing', 'no name', 'application/x-thing'],
  ])('%s called %s is taken as %s', (contentType, name, taken) => {
    expect(typeOf(contentType, name)).toBe(taken)
  })
})
