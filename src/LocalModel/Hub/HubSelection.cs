using System.Globalization;
using System.Text.RegularExpressions;
using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Hub;

/// <summary>Chooses which files of a repository make up the model that is wanted.</summary>
internal static partial class HubSelection
{
    private const string Extension = ".gguf";

    /// <summary>The models among files, by path; parts of a split model follow each other.</summary>
    public static IReadOnlyList<HubFile> Models(IEnumerable<HubFile> files) =>
        [.. files.Where(file => file.Path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)).OrderBy(file => file.Path, StringComparer.Ordinal)];

    /// <summary>The one model that is named, or the only one there is; all files of it.</summary>
    /// <exception cref="UserInputException">There is none or more than one; lists them.</exception>
    public static IReadOnlyList<HubFile> Choose(HubReference reference, IReadOnlyList<HubFile> models)
    {
        if (models.Count == 0)
            throw new UserInputException("REPO", $"REPO: {reference.Repository} holds no {Extension} file; models in other formats cannot be used.");
        // Image encoders lie beside the models they belong to.
        HubFile[][] groups = [.. models.Where(file => reference.File is not null || !file.Name.StartsWith("mmproj", StringComparison.OrdinalIgnoreCase))
            .GroupBy(file => SplitName().Replace(file.Path, "")).Select(group => group.ToArray())];
        HubFile[][] found = reference.File is { } wanted
            ? groups.Where(group => group.Any(file => file.Path == wanted)).ToArray() is { Length: > 0 } exact
                ? exact
                : [.. groups.Where(group => group.Any(file => file.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase)
                    || file.Path.StartsWith(wanted + "/", StringComparison.Ordinal)))]
            : groups;
        if (found.Length != 1)
        {
            string problem = reference.File is null ? "holds several models" : found.Length == 0 ? $"has no file {reference.File}" : $"has several files {reference.File}";
            string list = string.Join(", ", groups.Select(Describe));
            throw new UserInputException("REPO", $"REPO: {reference.Repository} {problem}; name one as {reference.Repository}/FILE: {list}.");
        }

        Complete(found[0]);
        return found[0];
    }

    private static void Complete(HubFile[] parts)
    {
        if (SplitName().Match(parts[0].Path) is not { Success: true } split) return;
        int count = int.Parse(split.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
        if (parts.Length != count)
            throw new UserInputException("REPO", $"REPO: {parts[0].Path} is a model of {count} files; the repository has {parts.Length} of them.");
    }

    private static string Describe(HubFile[] files)
    {
        string size = files.All(file => file.Bytes is not null)
            ? string.Create(CultureInfo.InvariantCulture, $" ({files.Sum(file => file.Bytes!.Value) / 1e9:0.00} GB{(files.Length > 1 ? $" in {files.Length} files" : "")})")
            : "";
        return files[0].Path + size;
    }

    [GeneratedRegex(@"-(\d{5})-of-(\d{5})(?=\.gguf$)", RegexOptions.IgnoreCase)]
    private static partial Regex SplitName();
}
