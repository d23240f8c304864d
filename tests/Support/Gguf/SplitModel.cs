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
}
