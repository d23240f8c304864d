using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using System.Text;

namespace AgentKit.Memory.Knowledge.Vectors;

/// <summary>
/// Vectors in the forms that are scanned, mapped into memory from a file that is made from the database and never changed: a new one takes its
/// place. It says which generation of the database it was made from, so that no other one is ever searched, and by which embedder and of what each
/// row, so that the next one can take over what has not changed.
/// </summary>
internal sealed unsafe class VectorFile : IDisposable
{
    private const uint Magic = 0x33564B41; // "AKV3"

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    private VectorFile(MemoryMappedFile file, MemoryMappedViewAccessor view, VectorLayout layout)
    {
        (_file, _view, Layout, Generation) = (file, view, layout, view.ReadInt64(16));
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _start = start + view.PointerOffset;
    }

    public VectorLayout Layout { get; }

    /// <summary>The generation of the database from which it was made.</summary>
    public long Generation { get; }

    public ReadOnlySpan<long> Ids => Part<long>(Layout.Ids, Layout.Count);

    /// <summary>A mark of what each row was made of. An id alone tells little: a database that was made anew gives the same ids to other chunks.</summary>
    public ReadOnlySpan<ulong> Contents => Part<ulong>(Layout.Contents, Layout.Count);

    public ReadOnlySpan<float> Scales => Part<float>(Layout.Scales, Layout.Count);

    /// <summary>How far each row in 8 bits lies from the row itself.</summary>
    public ReadOnlySpan<float> Errors => Part<float>(Layout.Errors, Layout.Count);

    /// <summary>All rows in 1 bit, one after another.</summary>
    public ReadOnlySpan<ulong> Bits => Part<ulong>(Layout.Bits, Layout.Count * Layout.Words);

    /// <summary>Opens a file.</summary>
    /// <returns><c>null</c> when it is not there, of another embedder or form.</returns>
    public static VectorFile? TryOpen(string path, string embedder)
    {
        if (!File.Exists(path)) return null;
        MemoryMappedFile file = MemoryMappedFile.CreateFromFile(
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), null, 0, MemoryMappedFileAccess.Read,
            HandleInheritability.None, leaveOpen: false);
        MemoryMappedViewAccessor view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        if (view.Capacity >= VectorLayout.HeaderBytes && view.ReadUInt32(0) == Magic && view.ReadUInt64(24) == Mark(embedder))
        {
            var layout = new VectorLayout(view.ReadInt32(8), view.ReadInt32(12));
            if (layout is { Dimensions: > 0, Count: >= 0 } && view.Capacity >= layout.Length) return new VectorFile(file, view, layout);
        }

        view.Dispose();
        file.Dispose();
        return null;
    }

    /// <summary>Writes a file under a temporary name, and puts it in place when it is whole and on the disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="embedder">What makes the vectors.</param>
    /// <param name="generation">What it is made from.</param>
    /// <param name="dimensions">Of each vector.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="rows">Ids, marks of what was embedded, and vectors of length 1, by id.</param>
    /// <returns>The file, open: what another process puts in its place meanwhile does not matter.</returns>
    public static VectorFile Write(
        string path, string embedder, long generation, int dimensions, int count, IEnumerable<(long Id, ulong Content, float[] Vector)> rows)
    {
        var layout = new VectorLayout(dimensions, count);
        string temporary = FileWithRoom.TemporaryName(path);
        VectorFile? written = null;
        try
        {
            using FileStream stream = FileWithRoom.Create(temporary, layout.Length);
            using (MemoryMappedFile file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true))
            using (MemoryMappedViewAccessor view = file.CreateViewAccessor())
            {
                Fill(view, layout, rows);
                view.Write(0, Magic);
                view.Write(8, dimensions);
                view.Write(12, count);
                view.Write(16, generation);
                view.Write(24, Mark(embedder));
                view.Flush();
            }

            stream.Flush(flushToDisk: true);
            written = TryOpen(temporary, embedder) ?? throw new IOException($"{temporary} was changed while it was written.");
            File.Move(temporary, path, overwrite: true);
            return written;
        }
        catch
        {
            written?.Dispose();
            File.Delete(temporary);
            throw;
        }
    }

    public ReadOnlySpan<float> Row(int row) => Part<float>(Layout.Floats + ((long)row * Layout.Dimensions * sizeof(float)), Layout.Dimensions);

    public ReadOnlySpan<sbyte> Codes(int row) => Part<sbyte>(Layout.Bytes8 + ((long)row * Layout.Padded), Layout.Padded);

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    /// <summary>What a file says of a text: of the embedder's name above all.</summary>
    public static ulong Mark(string text) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static void Fill(MemoryMappedViewAccessor view, VectorLayout layout, IEnumerable<(long Id, ulong Content, float[] Vector)> rows)
    {
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            start += view.PointerOffset;
            int row = 0;
            foreach ((long id, ulong content, float[] vector) in rows)
            {
                ((long*)(start + layout.Ids))[row] = id;
                ((ulong*)(start + layout.Contents))[row] = content;
                vector.CopyTo(new Span<float>(start + layout.Floats + ((long)row * layout.Dimensions * sizeof(float)), layout.Dimensions));
                (float scale, float error) = QuantizedVector.ToInt8(
                    vector, new Span<sbyte>(start + layout.Bytes8 + ((long)row * layout.Padded), layout.Padded));
                ((float*)(start + layout.Scales))[row] = scale;
                ((float*)(start + layout.Errors))[row] = error;
                QuantizedVector.ToBits(vector, new Span<ulong>(start + layout.Bits + ((long)row * layout.Words * sizeof(ulong)), layout.Words));
                row++;
            }
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private ReadOnlySpan<T> Part<T>(long offset, int count)
        where T : unmanaged => new(_start + offset, count);
}
