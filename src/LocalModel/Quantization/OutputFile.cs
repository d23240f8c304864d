using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Models.Quantization;

/// <summary>The file that a conversion is to write.</summary>
internal static class OutputFile
{
    /// <summary>The full path, when something may be written there.</summary>
    /// <param name="output">What the user gave.</param>
    /// <param name="inputs">The files read, which must not be lost.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="hint">What allows an existing file, for the message.</param>
    /// <exception cref="UserInputException">It is an input or a folder, exists, or its folder does not.</exception>
    public static string Check(string output, IEnumerable<GgufFile> inputs, bool overwrite, string hint)
    {
        if (string.IsNullOrWhiteSpace(output)) throw new UserInputException("OUT", "OUT is empty; the path of a new GGUF file is expected.");
        string target = Path.GetFullPath(output);
        if (inputs.Any(part => SameFile(part.Path, target)))
            throw new UserInputException("OUT", $"OUT is the input, {target}; it would be lost. Give another file.");
        if (Directory.Exists(target)) throw new UserInputException("OUT", $"OUT: {target} is a folder; the path of a new GGUF file is expected.");
        if (File.Exists(target) && !overwrite) throw new UserInputException("OUT", $"OUT: {target} exists already; {hint}.");
        string folder = Path.GetDirectoryName(target)!;
        return Directory.Exists(folder)
            ? target
            : throw new UserInputException("OUT", $"OUT: there is no folder {folder}; create it first.");
    }

    private static bool SameFile(string left, string right) => string.Equals(Final(left), Final(right), StringComparison.Ordinal);

    private static string Final(string path) =>
        File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path) : Path.GetFullPath(path);
}
