import { Modal, type ModalProps } from '@mantine/core';
import { useSpeech } from '../words/language';

/** A modal whose cross says what it does. What is to have the focus first carries `data-autofocus`. */
export function Dialog(props: ModalProps) {
  const { words } = useSpeech();
  return <Modal closeButtonProps={{ 'aria-label': words.common.close }} {...props} />;
}
