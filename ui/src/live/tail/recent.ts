/** The newest things, as many as a count and a size allow. */
export class Recent<T> {
  private items: ({ item: T; size: number } | undefined)[] = [];
  private first = 0;
  private size = 0;

  constructor(
    private readonly most: number,
    private readonly mostSize: number,
  ) {}

  /** Adds a thing and gives how many of the oldest it pushed out. The newest always stays. */
  add(item: T, size: number): number {
    this.items.push({ item, size });
    this.size += size;
    let dropped = 0;
    for (; this.count > 1 && (this.count > this.most || this.size > this.mostSize); dropped++) {
      this.size -= this.items[this.first]!.size;
      this.items[this.first++] = undefined;
    }
    if (this.first >= this.most) {
      this.items = this.items.slice(this.first);
      this.first = 0;
    }
    return dropped;
  }

  get count(): number {
    return this.items.length - this.first;
  }

  /** All of them, oldest first. */
  list(): T[] {
    return this.items.slice(this.first).map((entry) => entry!.item);
  }

  clear(): void {
    this.items = [];
    this.first = 0;
    this.size = 0;
  }
}
