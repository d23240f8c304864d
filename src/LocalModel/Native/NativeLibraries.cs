using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace AgentKit.Models.Native;

/// <summary>Finds the llama.cpp libraries and resolves their names for P/Invoke. File names carry version and GPU kind, so they are matched by pattern.</summary>
internal static partial class NativeLibraries
{
    public const string DirectoryVariable = "AGENTKIT_NATIVE_DIR";

    private static string? _directory;

    /// <summary>The folder in use: <c>AGENTKIT_NATIVE_DIR</c>, else the restored folder beside the program, GPU flavours first; <c>null</c> when there is none.</summary>
    public static string? FindDirectory()
    {
        string? named = Environment.GetEnvironmentVariable(DirectoryVariable);
        return string.IsNullOrEmpty(named) ? RestoredDirectories().FirstOrDefault(HoldsLlama) : Path.GetFullPath(named);
    }

    /// <summary>Makes P/Invoke load "llama", "ggml" and "ggml-base" from this folder.</summary>
    public static void ResolveFrom(string directory)
    {
        _directory = directory;
        NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);
    }

    /// <summary>The file for a library name; <c>null</c> when the folder has none.</summary>
    public static string? FindFile(string directory, string library)
    {
        Regex pattern = library switch
        {
            "llama" => LlamaFile(),
            "ggml" => GgmlFile(),
            "ggml-base" => GgmlBaseFile(),
            _ => throw new ArgumentOutOfRangeException(nameof(library), library, "Not a llama.cpp library."),
        };
        return Directory.Exists(directory)
            ? Directory.EnumerateFiles(directory).Where(file => pattern.IsMatch(Path.GetFileName(file))).Order(StringComparer.Ordinal).FirstOrDefault()
            : null;
    }

    private static bool HoldsLlama(string directory) => FindFile(directory, "llama") is not null;

    private static IEnumerable<string> RestoredDirectories()
    {
        string os = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        string rid = $"{os}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        foreach (string flavour in (string[])["-cuda", "-vulkan", ""])
        {
            yield return Path.Combine(AppContext.BaseDirectory, "runtimes", rid + flavour, "native");
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name is "llama" or "ggml" or "ggml-base" && _directory is not null && FindFile(_directory, name) is { } file
            ? NativeLibrary.Load(file)
            : 0;

    [GeneratedRegex(@"^(lib)?llama(\.[a-z]+)?(\.v?[\d.]+)?\.(so|dll|dylib)(\.[\d.]+)?$")]
    private static partial Regex LlamaFile();

    [GeneratedRegex(@"^(lib)?ggml(\.[a-z]+)?(\.v?[\d.]+)?\.(so|dll|dylib)(\.[\d.]+)?$")]
    private static partial Regex GgmlFile();

    [GeneratedRegex(@"^(lib)?ggml-base(\.[a-z]+)?(\.v?[\d.]+)?\.(so|dll|dylib)(\.[\d.]+)?$")]
    private static partial Regex GgmlBaseFile();
}
