using AgentKit.Cli.Doctor;
using AgentKit.Models;
using AgentKit.Testing;

namespace AgentKit.Tests.Cli;

public sealed class DeviceCheckTests : IDisposable
{
    private static readonly ComputeDevice Cpu = new("CPU", "a processor", false, 0, 0);
    private static readonly ComputeDevice Gpu = new("CUDA0", "a card", true, 1, 2);

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("libggml-cuda.so", "cuda")]
    [InlineData("ggml-vulkan.dll", "vulkan")]
    public void Devices_GpuLibrariesWithoutGpu_WarnsAndSaysWhatToInstall(string library, string backend)
    {
        _scratch.Write(library, "");
        DoctorCheck check = ModelChecks.Devices(Native(Cpu));
        Assert.Equal((false, false), (check.Ok, check.Required));
        Assert.StartsWith($"the {backend} libraries are installed, but NO GPU WAS FOUND", check.Found, StringComparison.Ordinal);
        Assert.Contains("driver", check.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_GpuFound_IsOk()
    {
        _scratch.Write("libggml-cuda.so", "");
        Assert.True(ModelChecks.Devices(Native(Cpu, Gpu)).Ok);
    }

    [Fact]
    public void Devices_CpuLibrariesOnly_IsOk() => Assert.True(ModelChecks.Devices(Native(Cpu)).Ok);

    private NativeRuntimeInfo Native(params ComputeDevice[] devices) => new(_scratch.Path, "0.5.0", null, devices, null);
}
