using System.Globalization;

namespace AgentKit.Models.Gguf;

/// <summary>
/// A model may be spread over files <c>name-00001-of-00003.gguf</c>. All must be there and belong together: llama.cpp ends the process
/// when a sibling's <c>split.no</c> has the wrong type.
/// </summary>
internal static class SplitCheck
{
    private const int MaxParts = 1024;

    /// <summary>The model's files, this one first.</summary>
    internal static List<GgufFile> Verify(ModelMetadata model)
    {
        int count = Number(model, "split.count") ?? 1;
        if (count <= 1) return [model.File];
        if (count > MaxParts) throw model.Fault("split.count", $"is {count}; at most {MaxParts} files are allowed.");
        if (Number(model, "split.no") is not 0)
            throw model.Fault("split.no", $"is {model.Find("split.no")?.ToString() ?? "missing"}; open the first file of a split model (split.no 0), the others follow by name.");
        string ending = Ending(0, count), path = model.File.Path;
        if (!path.EndsWith(ending, StringComparison.Ordinal))
            throw model.Fault("split.count", $"is {count}, so the file's name must end in \"{ending}\".");
        List<GgufFile> parts = [model.File];
        for (int i = 1; i < count; i++) parts.Add(OpenSibling(model, path[..^ending.Length] + Ending(i, count), i));
        CheckTensors(model, parts);
        return parts;
    }

    private static GgufFile OpenSibling(ModelMetadata model, string path, int index)
    {
        if (!File.Exists(path))
            throw model.Fault("split.count", $"asks for the sibling {Path.GetFileName(path)}, which is not there; all files of a split model belong in one folder.");
        var sibling = GgufFile.Open(path);
        if (sibling.Metadata.GetValueOrDefault("split.no") is not { Type: GgufValueType.UInt16 } number || number.AsInteger() != index)
            throw GgufReader.Fault(sibling.Name, "split.no", $"is {sibling.Metadata.GetValueOrDefault("split.no")?.ToString() ?? "missing"}; {index} (u16) is needed.");
        TensorCheck.VerifyLayout(sibling);
        return sibling;
    }

    private static void CheckTensors(ModelMetadata model, List<GgufFile> parts)
    {
        var names = new HashSet<string>();
        foreach (var tensor in parts.SelectMany(p => p.Tensors))
            if (!names.Add(tensor.Name)) throw model.Fault("split.count", $"joins files which both have a tensor \"{tensor.Name}\".");
        const string key = "split.tensors.count";
        if (model.Find(key, GgufValueType.Int32) is not { } total || total.AsInteger() != names.Count)
            throw model.Fault(key, $"is {model.Find(key)?.ToString() ?? "missing"}; the files hold {names.Count} tensors.");
    }

    private static int? Number(ModelMetadata model, string key) => (int?)model.Find(key, GgufValueType.UInt16)?.AsInteger();

    private static string Ending(int index, int count) => string.Create(CultureInfo.InvariantCulture, $"-{index + 1:D5}-of-{count:D5}.gguf");
}
