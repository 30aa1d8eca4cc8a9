/** Calm greys with one quiet blue; saturated colour is left to what is abnormal. */
import { createTheme, type MantineColorsTuple } from '@mantine/core';

const steel: MantineColorsTuple = [
  '#f0f4f8', '#dde5ec', '#bccbd8', '#98afc4', '#7997b2', '#6487a6', '#4a7196', '#3a5f83', '#2f5071', '#213c58',
];

const ink: MantineColorsTuple = [
  '#dfe4e9', '#b8c0c9', '#98a2ad', '#76818d', '#48525d', '#323a43', '#262d35', '#1d2329', '#161b20', '#101418',
];

export const theme = createTheme({
  primaryColor: 'steel',
  primaryShade: { light: 7, dark: 6 },
  colors: { steel, dark: ink },
  fontFamily: '"Inter", "Segoe UI", system-ui, "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", Consolas, monospace',
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
});
