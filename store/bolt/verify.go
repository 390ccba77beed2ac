package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"go.etcd.io/bbolt"
)

// Why: bbolt trusts the pages of its tree. On a damaged file it may panic, fault,
// follow a circle of pages until memory runs out, or, with a damaged list of free
// pages, overwrite good data. So Open walks all pages once, with every reference
// and length checked, before bbolt gets to use them.
//
// The layout, in the byte order of the machine that wrote it: a page is a header
// of 16 bytes (id 8, flags 2, count 2, overflow 4) and count elements, and
// continues over overflow further pages. Positions in elements count from the
// element.
const (
	branchPage   = 0x01 // elements: key position 4, key size 4, child page 8
	leafPage     = 0x02 // elements: flags 4, key position 4, key size 4, value size 4
	freelistPage = 0x10 // elements: free page 8

	pageHeader  = 16
	elementSize = 16

	bucketFlag   = 0x01 // of a leaf element: its value is a bucket
	bucketHeader = 16   // of such a value: root page 8, or 0 and an inline leaf page follows; sequence 8

	// A free list too long for a page's count says so by this count, and gives
	// its length as its first element.
	longFreelist = 0xffff

	// Where meta pages 0 and 1 keep what is needed here.
	metaRoot, metaFreelist, metaTxID, metaBytes = pageHeader + 16, pageHeader + 32, pageHeader + 48, pageHeader + 64
)

var order = binary.NativeEndian

// errCount gives away a wrong count, which would hide records: keys and values
// start right after the last element.
var errCount = errors.New("its elements are not as many as it says")

// verifier walks one state of a file.
type verifier struct {
	file     io.ReaderAt
	pageSize uint64
	pages    uint64          // in use or free; those after them are not part of this state
	seen     map[uint64]bool // pages that belong to something
	todo     []uint64        // tree pages still to be looked at
}

// verify returns an error that wraps errDamaged unless the structure of the file
// is sound. It does not look at values; their checksums do that.
func verify(db *bbolt.DB) error {
	return db.View(func(tx *bbolt.Tx) error {
		file, err := os.Open(db.Path())
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // it was only read
		info, err := file.Stat()
		if err != nil {
			return err
		}
		if info.Size() < tx.Size() {
			return fmt.Errorf("%w: it was cut off, %d of %d bytes are left", errDamaged, info.Size(), tx.Size())
		}
		pageSize := uint64(db.Info().PageSize)
		v := &verifier{file: file, pageSize: pageSize, pages: uint64(tx.Size()) / pageSize, seen: map[uint64]bool{0: true, 1: true}}
		return v.run(uint64(tx.ID()))
	})
}

func (v *verifier) run(txID uint64) error {
	meta := make([]byte, metaBytes)
	for page := uint64(0); ; page++ {
		if page == 2 {
			return fmt.Errorf("%w: no root of state %d", errDamaged, txID)
		}
		if _, err := v.file.ReadAt(meta, int64(page*v.pageSize)); err != nil {
			return err
		}
		if order.Uint64(meta[metaTxID:]) == txID {
			break
		}
	}
	v.todo = append(v.todo, order.Uint64(meta[metaRoot:]))
	for len(v.todo) > 0 {
		id := v.todo[len(v.todo)-1]
		v.todo = v.todo[:len(v.todo)-1]
		p, err := v.read(id)
		if err != nil {
			return err
		}
		if err := v.tree(p); err != nil {
			return fmt.Errorf("%w: page %d: %w", errDamaged, id, err)
		}
	}
	id := order.Uint64(meta[metaFreelist:])
	p, err := v.read(id)
	if err != nil {
		return err
	}
	if err := v.freelist(p); err != nil {
		return fmt.Errorf("%w: page %d: %w", errDamaged, id, err)
	}
	return nil
}

// read returns a page with its overflow, and sees to it that no page is used twice.
func (v *verifier) read(id uint64) ([]byte, error) {
	header := make([]byte, pageHeader)
	if id >= v.pages {
		return nil, fmt.Errorf("%w: page %d of %d is used", errDamaged, id, v.pages)
	}
	if _, err := v.file.ReadAt(header, int64(id*v.pageSize)); err != nil {
		return nil, err
	}
	length := uint64(order.Uint32(header[12:])) + 1
	if found := order.Uint64(header); found != id || length > v.pages-id {
		return nil, fmt.Errorf("%w: page %d says it is page %d and %d long", errDamaged, id, found, length)
	}
	for i := id; i < id+length; i++ {
		if v.seen[i] {
			return nil, fmt.Errorf("%w: page %d is used twice", errDamaged, i)
		}
		v.seen[i] = true
	}
	p := make([]byte, length*v.pageSize)
	_, err := v.file.ReadAt(p, int64(id*v.pageSize))
	return p, err
}

// tree checks a page of the tree and notes the pages it leads to.
func (v *verifier) tree(p []byte) error {
	switch flags := order.Uint16(p[8:]); flags {
	case branchPage:
		return v.branch(p)
	case leafPage:
		return v.leaf(p)
	default:
		return fmt.Errorf("kind %#x is in the place of a tree page", flags)
	}
}

func (v *verifier) branch(p []byte) error {
	count := int(order.Uint16(p[10:]))
	if count == 0 {
		return fmt.Errorf("it leads nowhere")
	}
	var last []byte
	for i := range count {
		e, err := element(p, i)
		if err != nil {
			return err
		}
		position, keySize := order.Uint32(e), order.Uint32(e[4:])
		if i == 0 && int(position) != count*elementSize {
			return errCount
		}
		key, err := slice(e, position, keySize)
		if err != nil {
			return err
		}
		if i > 0 && bytes.Compare(last, key) >= 0 {
			return fmt.Errorf("key %d is out of order", i)
		}
		last = key
		v.todo = append(v.todo, order.Uint64(e[8:]))
	}
	return nil
}

func (v *verifier) leaf(p []byte) error {
	count := int(order.Uint16(p[10:]))
	var last []byte
	for i := range count {
		e, err := element(p, i)
		if err != nil {
			return err
		}
		position, keySize, valueSize := order.Uint32(e[4:]), order.Uint32(e[8:]), order.Uint32(e[12:])
		if i == 0 && int(position) != count*elementSize {
			return errCount
		}
		key, err := slice(e, position, keySize)
		if err != nil {
			return err
		}
		if i > 0 && bytes.Compare(last, key) >= 0 {
			return fmt.Errorf("key %d is out of order", i)
		}
		last = key
		value, err := slice(e[uint64(position)+uint64(keySize):], 0, valueSize)
		if err != nil {
			return err
		}
		if order.Uint32(e)&bucketFlag != 0 {
			if err := v.bucket(value); err != nil {
				return fmt.Errorf("bucket %q: %w", key, err)
			}
		}
	}
	return nil
}

// bucket checks a value that is a bucket. An inline one is shorter than the page
// it is in, so buckets within buckets come to an end.
func (v *verifier) bucket(value []byte) error {
	if len(value) < bucketHeader {
		return fmt.Errorf("its header is cut off")
	}
	if root := order.Uint64(value); root != 0 {
		v.todo = append(v.todo, root)
		return nil
	}
	p := value[bucketHeader:]
	if len(p) < pageHeader || order.Uint16(p[8:]) != leafPage {
		return fmt.Errorf("it holds no page")
	}
	return v.leaf(p)
}

// freelist checks that no free page is in use, or listed twice.
func (v *verifier) freelist(p []byte) error {
	if flags := order.Uint16(p[8:]); flags != freelistPage {
		return fmt.Errorf("kind %#x is in the place of the free list", flags)
	}
	ids := p[pageHeader:]
	count := uint64(order.Uint16(p[10:]))
	if count == longFreelist {
		count, ids = order.Uint64(ids), ids[8:]
	}
	if count > uint64(len(ids))/8 {
		return fmt.Errorf("it lists %d free pages and has room for %d", count, len(ids)/8)
	}
	for i := range count {
		id := order.Uint64(ids[8*i:])
		if id >= v.pages || v.seen[id] {
			return fmt.Errorf("it lists page %d, which is not free", id)
		}
		v.seen[id] = true
	}
	return nil
}

// element returns the rest of a page from element i on.
func element(p []byte, i int) ([]byte, error) {
	start := pageHeader + i*elementSize
	if len(p) < start+elementSize {
		return nil, fmt.Errorf("element %d is outside of it", i)
	}
	return p[start:], nil
}

// slice returns size bytes of b from position on.
func slice(b []byte, position, size uint32) ([]byte, error) {
	end := uint64(position) + uint64(size)
	if end > uint64(len(b)) {
		return nil, fmt.Errorf("an element reaches %d bytes beyond it", end-uint64(len(b)))
	}
	return b[position:end], nil
}
