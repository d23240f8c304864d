using System.Runtime.InteropServices;
using System.Text;
using AgentKit.Models.Native;

namespace AgentKit.Models.Quantization;

/// <summary>An importance matrix in native memory, as llama_model_quantize takes it, with the metadata that llama-quantize writes for one.</summary>
internal sealed unsafe class NativeImportance : IDisposable
{
    private readonly List<nint> _blocks = [];

    public NativeImportance(ImportanceMatrix matrix)
    {
        // Both lists end with an empty element, which zeroed memory has already.
        LlamaImportance* entries = (LlamaImportance*)Allocate((nuint)(matrix.Entries.Count + 1) * (nuint)sizeof(LlamaImportance));
        int i = 0;
        foreach (ImportanceEntry entry in matrix.Entries.Values)
        {
            float[] means = entry.Means();
            float* values = (float*)Allocate((nuint)means.Length * sizeof(float));
            means.CopyTo(new Span<float>(values, means.Length));
            byte[] name = Encoding.UTF8.GetBytes(entry.Tensor);
            byte* text = (byte*)Allocate((nuint)name.Length + 1);
            name.CopyTo(new Span<byte>(text, name.Length));
            entries[i++] = new() { Tensor = text, Values = values, Count = (nuint)means.Length };
        }

        Entries = (nint)entries;
        KeyValues = (nint)Metadata(matrix);
    }

    public nint Entries { get; }

    public nint KeyValues { get; }

    public void Dispose()
    {
        foreach (nint block in _blocks) NativeMemory.Free((void*)block);
        _blocks.Clear();
    }

    private LlamaKeyValue* Metadata(ImportanceMatrix matrix)
    {
        LlamaKeyValue* list = (LlamaKeyValue*)Allocate(5 * (nuint)sizeof(LlamaKeyValue));
        int count = 0;
        foreach ((string key, string text) in ((string, string)[])
            [("quantize.imatrix.file", Path.GetFileName(matrix.Path)), ("quantize.imatrix.dataset", matrix.Datasets.FirstOrDefault() ?? "")])
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            // A longer name has no room in the structure; it is left out rather than cut.
            if (utf8.Length is 0 or >= LlamaKeyValue.TextBytes) continue;
            LlamaKeyValue* entry = &list[count++];
            entry->Tag = LlamaKeyValue.TagText;
            Encoding.UTF8.GetBytes(key).CopyTo(new Span<byte>(entry->Key, LlamaKeyValue.TextBytes));
            utf8.CopyTo(new Span<byte>(entry->Text, LlamaKeyValue.TextBytes));
        }

        foreach ((string key, long number) in ((string, long)[])[("quantize.imatrix.entries_count", matrix.Entries.Count), ("quantize.imatrix.chunks_count", matrix.Chunks)])
        {
            LlamaKeyValue* entry = &list[count++];
            entry->Tag = LlamaKeyValue.TagInteger;
            Encoding.UTF8.GetBytes(key).CopyTo(new Span<byte>(entry->Key, LlamaKeyValue.TextBytes));
            entry->Integer = number;
        }

        return list;
    }

    private void* Allocate(nuint bytes)
    {
        void* block = NativeMemory.AllocZeroed(bytes);
        _blocks.Add((nint)block);
        return block;
    }
}
