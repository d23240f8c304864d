using AgentKit.Models.Gguf;

namespace AgentKit.Tests.Support.Gguf;

/// <summary>A small model in two files.</summary>
internal static class SplitModel
{
    /// <summary>Writes <c>model-00001-of-00002.gguf</c> and its sibling, and returns the path of the first.</summary>
    public static string Create(string folder, GgufValue? secondNumber = null)
    {
        var whole = RawGguf.Parse(TestModel.CreateBytes());
        var second = new RawGguf();
        second.Set("split.no", secondNumber ?? (ushort)1);
        second.Tensors.AddRange(whole.Tensors.Skip(5));
        second.Relayout(new Random(1), 1 << 24);
        int tensors = whole.Tensors.Count;
        whole.Tensors.RemoveRange(5, tensors - 5);
        whole.Relayout(new Random(1), 1 << 24);
        whole.Set("split.count", (ushort)2);
        whole.Set("split.no", (ushort)0);
        whole.Set("split.tensors.count", tensors);
        File.WriteAllBytes(Path.Combine(folder, "model-00002-of-00002.gguf"), second.ToBytes());
        string first = Path.Combine(folder, "model-00001-of-00002.gguf");
        File.WriteAllBytes(first, whole.ToBytes());
        return first;
    }

    /// <summary>Writes the tensors of a whole model into two files beside it, and returns the path of the first.</summary>
    public static string Of(string whole)
    {
        const int tensorsOfFirst = 5;
        GgufFile file = GgufFile.Open(whole);
        GgufWriter[] parts = [GgufWriter.WithMetadataOf(file), new()];
        parts[0].Set("split.count", (ushort)2).Set("split.no", (ushort)0).Set("split.tensors.count", file.Tensors.Count);
        parts[1].Set("split.count", (ushort)2).Set("split.no", (ushort)1);
        for (int i = 0; i < file.Tensors.Count; i++) parts[i < tensorsOfFirst ? 0 : 1].AddCopy(file, file.Tensors[i]);
        string[] paths = [.. parts.Select((_, i) => Path.Combine(Path.GetDirectoryName(whole)!, $"part-0000{i + 1}-of-00002.gguf"))];
        for (int i = 0; i < parts.Length; i++) parts[i].Write(paths[i]);
        return paths[0];
    }
}
