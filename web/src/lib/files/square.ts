/**
 * Cuts the middle square out of a picture and makes it as small as it will ever be shown. What this browser cannot read is
 * sent as it is: the server decides, and says why not.
 */
const SIDE = 512;

export async function square(file: File): Promise<File> {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const side = Math.min(bitmap.width, bitmap.height);
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = Math.min(side, SIDE);
    const context = canvas.getContext('2d');
    if (!context) return file;
    const from: [number, number] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
    context.drawImage(bitmap, ...from, side, side, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
    return blob ? new File([blob], 'picture.png', { type: 'image/png' }) : file;
  } catch {
    return file;
  }
}
