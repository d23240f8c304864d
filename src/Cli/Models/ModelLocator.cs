using System.Globalization;
using System.Text.RegularExpressions;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Models;

/// <summary>Finds the file behind <c>--model</c>: the shipped model, a name in the data directory, or a path.</summary>
internal static partial class ModelLocator
{
    private const string Extension = ".gguf";

    /// <summary>Resolves a path or name to an existing file.</summary>
    /// <param name="model">A path, or a name without directory and extension.</param>
    /// <param name="data">Where named models live.</param>
    /// <param name="field">The option or argument the value came from, for error messages.</param>
    /// <exception cref="UserInputException">There is no such file.</exception>
    public static string Resolve(string model, DataDirectory data, string field = "--model")
    {
        if (string.IsNullOrWhiteSpace(model))
            throw new UserInputException(field, $"{field} is empty; a {Extension} file or the name of a model is expected.");
        if (IsName(model))
        {
            if (model == ShippedModel.Name) return ShippedModel.Path;
            string named = Path.Combine(data.Models, model + Extension);
            if (File.Exists(named)) return named;
            if (List(data).FirstOrDefault(listed => listed.Name == model).Path is { } split) return split;
            if (!Path.Exists(model))
            {
                string known = string.Join(", ", List(data).Select(listed => listed.Name));
                throw new UserInputException(field, $"{field}: no model is named '{model}'. Known: {known}; or give a path.");
            }
        }

        string path = Path.GetFullPath(model);
        if (Directory.Exists(path)) throw new UserInputException(field, $"{field}: {path} is a directory; a {Extension} file is expected.");
        if (!File.Exists(path)) throw new UserInputException(field, $"{field}: there is no file {path}; a {Extension} file is expected.");
        return path;
    }

    /// <summary>The models that have a name, the shipped one first.</summary>
    public static IEnumerable<(string Name, string Path)> List(DataDirectory data)
    {
        if (File.Exists(ShippedModel.Path)) yield return (ShippedModel.Name, ShippedModel.Path);
        if (!Directory.Exists(data.Models)) yield break;
        foreach (string file in Directory.EnumerateFiles(data.Models, "*" + Extension).Order(StringComparer.Ordinal))
        {
            // Of a split model the first file stands for all.
            if (SplitEnding().Match(file) is not { Success: true } split || split.Groups[1].Value == "00001") yield return (NameOf(file), file);
        }
    }

    /// <summary>What <c>-m</c> calls a file in the data directory: its name without ending and without the number of a part.</summary>
    public static string NameOf(string file) => Path.GetFileNameWithoutExtension(SplitEnding().Replace(file, Extension));

    /// <summary>All files of a model, the given one first.</summary>
    public static IEnumerable<string> Parts(string first)
    {
        if (SplitEnding().Match(first) is not { Success: true } split) return [first];
        int count = int.Parse(split.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
        return Enumerable.Range(1, count)
            .Select(part => string.Create(CultureInfo.InvariantCulture, $"{first[..split.Index]}-{part:D5}-of-{count:D5}{Extension}"))
            .Where(File.Exists);
    }

    private static bool IsName(string model) =>
        model.AsSpan().IndexOfAny('/', '\\') < 0 && !model.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"-(\d{5})-of-(\d{5})\.gguf$")]
    private static partial Regex SplitEnding();
}
