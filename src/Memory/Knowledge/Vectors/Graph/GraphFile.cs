using System.IO.MemoryMappedFiles;

namespace AgentKit.Memory.Knowledge.Vectors.Graph;

/// <summary>
/// The neighbours of each row of a vector file, layer by layer, mapped into memory. Made under a temporary name and put in place when it is whole;
/// never changed after that.
/// </summary>
internal sealed unsafe class GraphFile : IDisposable
{
    private const uint Magic = 0x32474B41; // "AKG2"

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    private GraphFile(MemoryMappedFile file, MemoryMappedViewAccessor view, GraphLayout layout)
    {
        (_file, _view, Layout) = (file, view, layout);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _start = start + view.PointerOffset;
    }

    public GraphLayout Layout { get; }

    /// <summary>The generation of the database whose rows it links.</summary>
    public long Generation => _view.ReadInt64(16);

    /// <summary>The row where searches begin, −1 when there is none.</summary>
    public int Entry
    {
        get => _view.ReadInt32(32);
        set => _view.Write(32, value);
    }

    /// <summary>The chunk of each row, ascending.</summary>
    public Span<long> Ids => new(_start + Layout.Ids, Layout.Rows);

    /// <summary>A mark of what the vector of each row was made of.</summary>
    public Span<ulong> Contents => new(_start + Layout.Contents, Layout.Rows);

    private Span<(int First, int Layers)> Places => new(_start + Layout.Places, Layout.Rows);

    /// <summary>Opens a graph.</summary>
    /// <returns><c>null</c> when it is not there, not whole, or of another embedder.</returns>
    public static GraphFile? TryOpen(string path, string embedder)
    {
        if (!File.Exists(path)) return null;
        MemoryMappedFile file = MemoryMappedFile.CreateFromFile(
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), null, 0, MemoryMappedFileAccess.Read,
            HandleInheritability.None, leaveOpen: false);
        MemoryMappedViewAccessor view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        if (view.Capacity >= GraphLayout.HeaderBytes && view.ReadUInt32(0) == Magic && view.ReadUInt64(24) == VectorFile.Mark(embedder))
        {
            var layout = new GraphLayout(view.ReadInt32(4), view.ReadInt32(8), view.ReadInt32(12));
            if (layout is { Rows: >= 0, Links: > 0, UpperRows: >= 0 } && view.Capacity >= layout.Length) return new GraphFile(file, view, layout);
        }

        view.Dispose();
        file.Dispose();
        return null;
    }

    /// <summary>A graph without links, to be filled; it is no graph until <see cref="Complete"/> was called.</summary>
    /// <param name="path">A temporary file.</param>
    /// <param name="vectors">The rows.</param>
    /// <param name="links">Neighbours of a row in an upper layer.</param>
    /// <param name="layers">Of each row, how many layers above the lowest it is in.</param>
    public static GraphFile Create(string path, VectorFile vectors, int links, ReadOnlySpan<byte> layers)
    {
        int upper = 0;
        foreach (byte count in layers) upper += count;
        var layout = new GraphLayout(vectors.Layout.Count, links, upper);
        FileWithRoom.Create(path, layout.Length).Dispose();
        MemoryMappedFile file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.ReadWrite);
        var graph = new GraphFile(file, file.CreateViewAccessor(), layout) { Entry = -1 };
        vectors.Ids.CopyTo(graph.Ids);
        vectors.Contents.CopyTo(graph.Contents);
        int place = 0;
        for (int row = 0; row < layers.Length; row++)
        {
            graph.Places[row] = (place, layers[row]);
            place += layers[row];
        }

        return graph;
    }

    /// <summary>Says that all links are there, and for what.</summary>
    public void Complete(string embedder, long generation)
    {
        _view.Write(4, Layout.Rows);
        _view.Write(8, Layout.Links);
        _view.Write(12, Layout.UpperRows);
        _view.Write(16, generation);
        _view.Write(24, VectorFile.Mark(embedder));
        _view.Flush();
        _view.Write(0, Magic);
        _view.Flush();
    }

    /// <summary>How many layers above the lowest a row is in.</summary>
    public int Layers(int row) => Places[row].Layers;

    /// <summary>The neighbours of a row in one of its layers; 0 is the lowest.</summary>
    public ReadOnlySpan<int> Neighbours(int row, int layer)
    {
        int* all = Row(row, layer);
        return new ReadOnlySpan<int>(all + 1, all[0]);
    }

    public void SetNeighbours(int row, int layer, ReadOnlySpan<int> neighbours)
    {
        int* all = Row(row, layer);
        neighbours.CopyTo(new Span<int>(all + 1, Most(layer)));
        all[0] = neighbours.Length;
    }

    /// <summary>Most neighbours in a layer.</summary>
    public int Most(int layer) => layer == 0 ? 2 * Layout.Links : Layout.Links;

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private int* Row(int row, int layer) => layer == 0
        ? (int*)(_start + Layout.Base) + ((long)row * Layout.BaseWidth)
        : (int*)(_start + Layout.Upper) + ((long)(Places[row].First + layer - 1) * Layout.UpperWidth);
}
